// A witness that is killed after it has stored a checkpoint and before it answers: node killed-witness.fixture.ts <folder>, with the
// request on standard input.
import { openSqliteWitnessStore } from './sqlite-witness-store.ts';
import { LOG_KEY } from './growing-log.fixture.ts';
import { openCosigners } from './witness-keys.ts';
import { createWitness } from './witness-service.ts';

const store = openSqliteWitnessStore(process.argv[2]!);
const cosigners = openCosigners(store, 'witness.example/w1');
const witness = createWitness({
  store: {
    read: (origin) => store.read(origin),
    replace: (...args) => {
      store.replace(...args);
      process.kill(process.pid, 'SIGKILL');
      return true;
    },
    keyOf: (...args) => store.keyOf(...args),
    close: () => store.close(),
  },
  cosigners,
  logs: [LOG_KEY],
  nowSeconds: () => 1_800_000_000n,
});
const chunks: Uint8Array[] = [];
for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array);
process.stdout.write(witness.addCheckpoint(new Uint8Array(Buffer.concat(chunks))).body);
