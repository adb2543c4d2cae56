/** Bytes of a file from `from` to before `to`. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

/**
 * The one range that a `Range` header asks for (RFC 9110, 14.2): `all` where it asks for none, for several, or for what is
 * no range, which may be answered with the whole; `none` where the file, of so many bytes, has nothing of it.
 */
export function byteRangeOf(header: string | undefined, bytes: number): ByteRange | 'all' | 'none' {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header?.replaceAll(' ', '') ?? '') ?? [];
  if (first === '' && last === '') return 'all';
  if (first === '') {
    const from = Math.max(0, bytes - Number(last));
    return from < bytes ? { from, to: bytes } : 'none';
  }
  const from = Number(first);
  if (last !== '' && Number(last) < from) return 'all';
  return from < bytes ? { from, to: last === '' ? bytes : Math.min(bytes, Number(last) + 1) } : 'none';
}
