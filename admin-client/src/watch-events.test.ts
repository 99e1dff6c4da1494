// The watching of events against a server that breaks off, refuses, and comes back.
import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { createAdminClient } from './admin-client.ts';
import type { AdminEvent } from './admin-event.ts';

async function serve(context: TestContext, answer: RequestListener) {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => void server.close().closeAllConnections());
  const { port } = server.address() as AddressInfo;
  return createAdminClient({ baseUrl: `http://127.0.0.1:${port}` });
}

const event = (id: string) => `id: ${id}\nevent: job\ndata: {"atMs":1,"job":{}}\n\n`;

test('a stream that breaks off is opened again after the last event that came whole, also past an answer that is none', async (context) => {
  const asked: (string | undefined)[] = [];
  const client = await serve(context, (request, response) => {
    asked.push(request.headers['last-event-id']?.toString());
    if (asked.length === 2) return response.writeHead(503).end('busy');
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('retry: 1\n\n');
    if (asked.length === 1) response.end(`${event('a-1')}${event('a-2')}id: a-3\nevent: job\nda`);
    else response.write(event('a-3'));
    return response;
  });
  const ending = new AbortController();
  const [seen, states] = [[] as string[], [] as string[]];
  const onState = (state: string): void => void states.push(state);
  for await (const { id } of client.watch({ signal: ending.signal, onState }) as AsyncIterable<AdminEvent>) {
    seen.push(id);
    if (id === 'a-3') ending.abort();
  }
  assert.deepEqual(seen, ['a-1', 'a-2', 'a-3']);
  assert.deepEqual(asked, [undefined, 'a-2', 'a-2']);
  assert.deepEqual(states, ['open', 'waiting', 'waiting', 'open']);
});
