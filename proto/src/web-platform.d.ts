// The few names of the web platform that Node and browsers share and the pure core uses.
// The core compiles without Node's and the browser's type libraries, so they are declared here.

declare class TextDecoder {
  constructor(label: 'utf-8', options?: { fatal: boolean; ignoreBOM: boolean });
  decode(bytes: Uint8Array, options?: { stream: boolean }): string;
}

declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array);
  }
  class Instance {
    constructor(module: Module, imports?: Record<string, Record<string, unknown>>);
    readonly exports: Record<string, unknown>;
  }
  class Memory {
    constructor(descriptor: { initial: number; maximum?: number });
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }
}
