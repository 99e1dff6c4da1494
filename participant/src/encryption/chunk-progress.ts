// How far a pass over a ciphertext is.

export interface ChunkProgress {
  /** Chunks done, of all. */
  readonly done: number;
  readonly chunks: number;
}

export type OnProgress = (progress: ChunkProgress) => void;
