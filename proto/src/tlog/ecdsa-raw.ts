// ECDSA signatures of P-256 in the two spellings of this world: DER (X.509, Sigstore) and fixed-length r ‖ s (WebCrypto).
import { concat, type Bytes } from '../bytes.ts';

const SEQUENCE = 0x30;
const INTEGER = 0x02;
const SCALAR_BYTES = 32;

/** r ‖ s, 64 bytes, of a DER signature; undefined for what is not the only DER spelling of two integers of 1..32 bytes. */
export function toRawEcdsa(der: Bytes): Bytes | undefined {
  if (der[0] !== SEQUENCE || der[1] !== der.length - 2) return undefined;
  const r = toScalar(der, 2);
  const s = r && toScalar(der, r.end);
  return s?.end === der.length ? concat(r!.bytes, s.bytes) : undefined;
}

/** The integer that begins at `start`, in 32 bytes, and where it ends. */
function toScalar(der: Bytes, start: number): { bytes: Bytes; end: number } | undefined {
  const [tag, length = 0] = der.subarray(start);
  const end = start + 2 + length;
  const body = der.subarray(start + 2, end);
  if (tag !== INTEGER || length === 0 || body.length !== length || body[0]! >= 0x80) return undefined;
  const isPadded = body[0] === 0 && length > 1;
  if (isPadded && body[1]! < 0x80) return undefined;
  const digits = body.subarray(isPadded ? 1 : 0);
  if (digits.length > SCALAR_BYTES) return undefined;
  return { bytes: concat(new Uint8Array(SCALAR_BYTES - digits.length), digits), end };
}
