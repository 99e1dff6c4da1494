import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEventStreamParser, type StreamedEvent } from './event-stream.ts';

const TEXT =
  ': here\n\nretry: 250\n\nid: a-1\nevent: job\ndata: {"job":"ä"}\n\nid: a-2\r\nevent: log\r\ndata: 1\r\ndata: 2\r\n\r\ndata:x\rdata\r\rnothing: y\nid: bad\0\ndata: 3\n\ndata: not ended\n';
const EVENTS: StreamedEvent[] = [
  { id: 'a-1', type: 'job', data: '{"job":"ä"}' },
  { id: 'a-2', type: 'log', data: '1\n2' },
  { id: 'a-2', type: 'message', data: 'x\n' },
  { id: 'a-2', type: 'message', data: '3' },
];

test('events come out whole and once, wherever their bytes are cut', () => {
  const bytes = new TextEncoder().encode(TEXT);
  for (let size = 1; size <= bytes.length; size++) {
    const parser = createEventStreamParser();
    const events: StreamedEvent[] = [];
    for (let at = 0; at < bytes.length; at += size)
      events.push(...parser.push(bytes.subarray(at, at + size)));
    assert.deepEqual(events, EVENTS, `parts of ${size} bytes`);
    assert.equal(parser.retryMs, 250);
  }
});

test('a line without an end is not kept for ever', () => {
  const parser = createEventStreamParser();
  const part = new TextEncoder().encode('x'.repeat(1 << 20));
  assert.throws(() => {
    for (let i = 0; i < 6; i++) parser.push(part);
  }, /too long/);
});
