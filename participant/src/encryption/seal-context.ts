// Parameter set bs1 as SEAL sees it (PROTOCOL.md section 2).
import { N, Q } from '@blindsum/proto';
import type { ClassHandle, MainModule, SEALContext } from 'node-seal/allows';

const MODULUS_BITS = 60;

/**
 * A BGV context of degree N with the prime q and plaintext modulus 2^plainBits, checked by SEAL against 128-bit security.
 * Throws an Error when SEAL refuses the parameters or its prime is not q.
 */
export function createBs1Context(seal: MainModule, plainBits: number): SEALContext {
  const primes = seal.CoeffModulus.Create(N, Int32Array.of(MODULUS_BITS));
  const plainModulus = new seal.Modulus(1n << BigInt(plainBits));
  const parameters = new seal.EncryptionParameters(seal.SchemeType.bgv);
  parameters.setPolyModulusDegree(N);
  parameters.setCoeffModulus(primes);
  parameters.setPlainModulus(plainModulus);
  const context = new seal.SEALContext(parameters, true, seal.SecLevelType.tc128);
  const prime = primes.get(0);
  const isExpected = context.parametersSet() && prime?.value() === Q;
  const temporary: (ClassHandle | undefined)[] = [prime, parameters, plainModulus, primes];
  for (const handle of temporary) handle?.delete();
  if (!isExpected) throw new Error('this build of SEAL does not provide parameter set bs1');
  return context;
}
