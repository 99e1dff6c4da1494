// What the browser must be able to do: nothing here is verified by code of our own where the platform can.

/** The platform's cryptography, or why it cannot be used. */
export async function openSubtle(): Promise<
  { readonly subtle: SubtleCrypto } | { readonly missing: string }
> {
  // Browsers give it to secure contexts alone: files, HTTPS and this machine. Their types do not say so.
  const subtle = globalThis.crypto.subtle as SubtleCrypto | undefined;
  if (!subtle)
    return {
      missing:
        'Browsers offer their cryptography to pages over HTTPS, or opened from a file, and not over plain HTTP. Open this page in one of those ways.',
    };
  const basePoint = Uint8Array.of(0x58, ...new Uint8Array(31).fill(0x66));
  try {
    await subtle.importKey('raw', basePoint, 'Ed25519', false, ['verify']);
    return { subtle };
  } catch {
    return {
      missing:
        'This browser has no Ed25519 in its Web Cryptography. Chrome and Edge have it from version 137 on, Firefox from 129, Safari from 17.',
    };
  }
}
