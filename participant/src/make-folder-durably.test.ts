import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { utf8, type JobId } from '@blindsum/proto';
import { mountDisk, MOUNT } from '../../test/fixtures/disk/mounted-disks.ts';
import { SimulatedDisk } from '../../test/fixtures/disk/simulated-disk.ts';
import { RoundFiles } from './round-files.ts';
import { writeDurably } from './write-durably.ts';

const REF = { job: 'job-1' as JobId, round: 0, attempt: 1 };
let disks = 0;

function createDisk(): SimulatedDisk {
  const disk = new SimulatedDisk(`${MOUNT}folders-${++disks}`);
  mountDisk(disk);
  return disk;
}

test('a file of a round is there after a power cut, with its bytes and all the folders above it', () => {
  const disk = createDisk();
  const path = new RoundFiles(disk.root).path(REF, 'ciphertext');
  writeDurably(path, utf8('bytes'));
  disk.losePower(() => false);
  assert.equal(readFileSync(path, 'utf8'), 'bytes');
});

test('a folder that a killed process made and did not flush is flushed by the next one', () => {
  const disk = createDisk();
  mkdirSync(`${disk.root}/rounds/job-1/0-1`, { recursive: true });
  const path = new RoundFiles(disk.root).path(REF, 'opening');
  writeDurably(path, utf8('bytes'));
  disk.losePower(() => false);
  assert.ok(existsSync(path));
});

test('a folder that was removed with its round is made again', () => {
  const disk = createDisk();
  const files = new RoundFiles(disk.root);
  files.path(REF, 'sum');
  files.retire(REF.job);
  writeDurably(files.path(REF, 'sum'), utf8('bytes'));
  disk.losePower(() => false);
  assert.ok(existsSync(files.path(REF, 'sum')));
});
