// A small primal-uSVP estimate (Alkim, Ducas, Pöppelmann, Schwabe 2016, with the secret scaled as in Bai and Galbraith 2014) for
// the argument of proto/PROTOCOL.md section 2. Not a replacement for the lattice estimator: it shows where the numbers come from.
import { parseArgs } from 'node:util';

const LOG2_Q = Math.log2(Number(1152921504606830593n));
/** Standard deviation of a uniform ternary coefficient. */
const SECRET_DEVIATION = Math.sqrt(2 / 3);
/** Standard deviation of SEAL's centred binomial distribution with 21 + 21 coins. */
const ERROR_DEVIATION = Math.sqrt(21 / 2);

interface Estimate {
  readonly dimension: number;
  readonly blockSize: number;
  /** log2 of the cost of BKZ with classical sieving, 2^(0.292 β): the core-SVP measure. */
  readonly coreSvpBits: number;
  /** The same with what sieving costs beyond the exponent, 2^(0.292 β + 16.4), and 8d tours (Becker, Ducas, Gama, Laarhoven 2016). */
  readonly sievingBits: number;
}

/** log2 of the root Hermite factor that BKZ with block size `beta` reaches (Chen 2013). */
function log2RootHermite(beta: number): number {
  const inner = Math.log2(Math.PI * beta) / beta + Math.log2(beta / (2 * Math.PI * Math.E));
  return inner / (2 * (beta - 1));
}

/** Whether block size `beta` finds the secret with the best number of samples up to the dimension. */
function succeeds(dimension: number, beta: number): boolean {
  const scale = Math.log2(ERROR_DEVIATION / SECRET_DEVIATION);
  const target = Math.log2(ERROR_DEVIATION) + 0.5 * Math.log2(beta);
  const delta = log2RootHermite(beta);
  for (let samples = 1; samples <= dimension; samples += 8) {
    const d = samples + dimension + 1;
    const log2Volume = samples * LOG2_Q + dimension * scale;
    if (target <= (2 * beta - d - 1) * delta + log2Volume / d) return true;
  }
  return false;
}

function estimate(dimension: number): Estimate {
  let [low, high] = [50, 4 * dimension];
  while (low + 1 < high) {
    const middle = Math.floor((low + high) / 2);
    if (succeeds(dimension, middle)) high = middle;
    else low = middle;
  }
  const sievingBits = Math.round(0.292 * high + 16.4 + Math.log2(16 * dimension));
  return { dimension, blockSize: high, coreSvpBits: Math.round(0.292 * high), sievingBits };
}

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
// Two honest sites: 2 of 9 coefficients of the key sum are ±2 and give the coefficient of both keys away.
const KNOWN = Math.floor((4096 * 2) / 9);
const rows = [
  { what: 'one key, nothing known', ...estimate(4096) },
  {
    what: 'one key of two honest sites, coefficients at ±2 of the opened sum given away',
    ...estimate(4096 - KNOWN),
  },
];
const lines = rows.map(
  (row) => `${row.what}: dimension ${row.dimension}, block size ${row.blockSize}, ${row.coreSvpBits} bits`,
);
process.stdout.write(values.json ? `${JSON.stringify(rows, undefined, 2)}\n` : `${lines.join('\n')}\n`);
