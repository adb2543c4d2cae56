/** Fields for a height and a width: none where both are the default, one where they are equal, else two. */
export function pair<One extends object>(
  [height, width]: readonly number[],
  usual: number | undefined,
  both: (value: number) => One,
  names: { readonly height: string; readonly width: string },
): Partial<One> {
  if (height === width) return height === usual ? {} : both(height);
  return { [names.height]: height, [names.width]: width } as Partial<One>;
}
