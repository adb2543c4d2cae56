/** Says that limn made what is in its folder: tables and pictures there are results. */
const madeByLimn = /(^|\/)(result|comparison|clusters|concepts|grid|faithfulness|explain)\.json$/i;

/**
 * Where labelled photos may be, the likeliest first: folders whose folders hold photos, and tables beside or above photos. `.` is
 * the folder of all.
 */
export function labelledPlaces(allPhotos: readonly string[], allFiles: readonly string[]): readonly string[] {
  const made = allFiles.flatMap((path) => (madeByLimn.test(path) ? path.replace(/[^/]*$/, '') : []));
  // What was given without a folder lies beside anything.
  const isGiven = (path: string) => !made.some((folder) => folder !== '' && path.startsWith(folder));
  const [photos, files] = [allPhotos.filter(isGiven), allFiles.filter(isGiven)];
  const inside = new Map<string, Set<string>>();
  const above = new Set<string>(['']);
  for (const path of photos) {
    const parts = path.split('/').slice(0, -1);
    for (let i = 0; i <= parts.length; i++) above.add(parts.slice(0, i).join('/'));
    const name = parts.pop();
    if (name === undefined) continue;
    const folder = parts.join('/') || '.';
    const classes = inside.get(folder) ?? new Set();
    inside.set(folder, classes.add(name));
  }
  const tables = files.filter(
    (path) =>
      /\.(csv|tsv|txt)$/i.test(path) &&
      !/(^|\/)(answers|photos|labels|classes|synset_words|curves)\.\w+$/i.test(path) &&
      above.has(path.split('/').slice(0, -1).join('/')),
  );
  const folders = [...inside].filter(([, classes]) => classes.size > 1).map(([folder]) => folder);
  return [
    ...tables.filter((path) => /\.[ct]sv$/i.test(path)),
    ...folders,
    ...tables.filter((path) => /\.txt$/i.test(path)),
  ];
}
