// What NVIDIA's own tool says of the graphics processors of this machine. Without the tool there is nothing to say.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { GpuUse } from '../view/site-view.ts';

const QUESTION = [
  '--query-gpu=name,utilization.gpu,memory.used,memory.total',
  '--format=csv,noheader,nounits',
];
const TIMEOUT_MS = 3_000;
const MAX_ANSWER_BYTES = 64 * 1024;
const MAX_DEVICES = 64;
const MAX_NAME = 80;

/** Asks `nvidia-smi` of the PATH. Never rejects. */
export async function readGpuUse(): Promise<GpuUse> {
  try {
    const { stdout } = await promisify(execFile)('nvidia-smi', QUESTION, {
      timeout: TIMEOUT_MS,
      maxBuffer: MAX_ANSWER_BYTES,
      encoding: 'utf8',
    });
    return parseGpuUse(stdout);
  } catch (error) {
    const { code, killed } = error as NodeJS.ErrnoException & { readonly killed?: boolean };
    if (code === 'ENOENT') return { state: 'absent' };
    const why =
      killed === true ? `no answer in ${TIMEOUT_MS / 1000} s` : `it ended with ${code ?? 'a signal'}`;
    return { state: 'unreadable', why };
  }
}

/** One line for each device; what a device does not say is `[N/A]`, or a sentence in brackets. */
export function parseGpuUse(text: string): GpuUse {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (lines.length === 0 || lines.length > MAX_DEVICES)
    return { state: 'unreadable', why: `it answers with ${lines.length} lines` };
  const devices = lines.map((line) => parseDevice(line));
  if (devices.includes(undefined)) return { state: 'unreadable', why: 'it answers in a form of its own' };
  return { state: 'present', devices: devices.filter((device) => device !== undefined) };
}

function parseDevice(line: string) {
  const fields = line.split(',').map((field) => field.trim());
  const numbers = fields.slice(-3).map(parseNumber);
  const name = fields.slice(0, -3).join(', ').slice(0, MAX_NAME);
  if (fields.length < 4 || !/^[\x20-\x7e]+$/.test(name) || numbers.includes(undefined)) return undefined;
  const [busyPercent, usedMiB, totalMiB] = numbers as (number | null)[];
  return { name, busyPercent: busyPercent!, usedMiB: usedMiB!, totalMiB: totalMiB! };
}

function parseNumber(text: string): number | null | undefined {
  if (/^\[.{1,40}\]$/.test(text)) return null;
  return /^\d{1,7}$/.test(text) ? Number(text) : undefined;
}
