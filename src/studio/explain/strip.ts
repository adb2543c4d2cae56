import type { StudioFile } from '../state/files.ts';

/**
 * The photos that a strip shows, at most so many: all in their order, or, of more, those that a person gave, the last one first, and
 * those that are looked at, before the first of a folder.
 */
export function stripPhotos(
  photos: readonly StudioFile[],
  looked: readonly string[],
  most: number,
): readonly StudioFile[] {
  if (photos.length <= most) return photos;
  const kept = photos.filter(({ from }) => from === 'kept');
  const some = [...kept.toReversed(), ...photos.filter(({ from }) => from !== 'kept')].slice(0, most);
  const beyond = photos.filter((file) => looked.includes(file.path) && !some.includes(file));
  return [...beyond, ...some].slice(0, most);
}
