// Loads Microsoft SEAL (node-seal's WebAssembly build) so that its whole memory can be erased.
import { readFileSync } from 'node:fs';
import { initialize, type MainModule } from 'node-seal/allows';

/** One instance of SEAL with a heap of its own. */
export interface SealModule {
  readonly seal: MainModule;
  /** All memory of the instance. Zero-filling it erases every key and message; delete all handles before, and use none after. */
  readonly memory: WebAssembly.Memory;
}

// The 'allows' build permits transparent ciphertexts (second polynomial zero). The ones that arise here hold polynomials
// to be transformed, not messages: the phase of an odd last chunk next to nothing.
const SEAL_ENTRY = 'node-seal/allows';
const SEAL_BINARY = 'seal_allows.wasm';

type SealImports = ConstructorParameters<typeof WebAssembly.Instance>[1];

let compiled: WebAssembly.Module | undefined;

/** A fresh instance; the compiled code is shared by all instances of the thread. */
export async function createSealModule(): Promise<SealModule> {
  const code = (compiled ??= compileSeal());
  let memory: WebAssembly.Memory | undefined;
  const seal = await initialize({
    instantiateWasm(imports: SealImports, receive: (instance: WebAssembly.Instance) => void) {
      const instance = new WebAssembly.Instance(code, imports);
      memory = memoryOf(instance);
      receive(instance);
    },
  });
  if (!memory) throw new Error('SEAL was not instantiated');
  return { seal, memory };
}

function compileSeal(): WebAssembly.Module {
  return new WebAssembly.Module(readFileSync(new URL(SEAL_BINARY, import.meta.resolve(SEAL_ENTRY))));
}

function memoryOf(instance: WebAssembly.Instance): WebAssembly.Memory {
  const memory = Object.values(instance.exports).find((value) => value instanceof WebAssembly.Memory);
  if (!memory) throw new Error('this build of SEAL exports no memory, so that keys could not be erased');
  return memory;
}
