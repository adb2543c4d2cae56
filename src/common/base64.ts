/** Base64 of bytes, in Node and in browsers. */
export function toBase64(bytes: Uint8Array): string {
  let text = '';
  // In pieces, since the arguments of one call have to fit the stack.
  for (let at = 0; at < bytes.length; at += 0x2000)
    text += String.fromCharCode(...bytes.subarray(at, at + 0x2000));
  return btoa(text);
}

/** The bytes of base64 text; undefined if it is none. */
export function fromBase64(text: string): Uint8Array | undefined {
  let letters: string;
  try {
    letters = atob(text);
  } catch {
    return undefined;
  }
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = letters.charCodeAt(i);
  return bytes;
}
