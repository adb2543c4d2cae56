import type { StudioFile } from './files.ts';

const addresses = new WeakMap<Blob, string>();

/** The address at which the browser shows a picture file. */
export function addressOfPhoto({ source }: StudioFile): string {
  if (!(source instanceof Blob)) return source.address;
  const known = addresses.get(source) ?? URL.createObjectURL(source);
  addresses.set(source, known);
  return known;
}
