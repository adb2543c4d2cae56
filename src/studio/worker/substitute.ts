import type { Model } from '../../graph/index.ts';
import type { Host } from '../../verbs/host.ts';

/** A host that reads this model, whatever model is asked for: what verbs make of a file, they make of it. */
export const withModel = (model: Model, host: Host): Host => ({
  ...host,
  files: {
    ...host.files,
    readModel: async (file, options) => ({ ...(await host.files.readModel(file, options)), model }),
  },
});

/** The model that an import makes on a host, without writing it; undefined where it makes none. Errors: the import's. */
export async function unwritten(
  host: Host,
  make: (host: Host) => Promise<unknown>,
): Promise<Model | undefined> {
  let made: Model | undefined;
  await make({
    ...host,
    files: {
      ...host.files,
      async writeModel(_path, model) {
        made = model;
        return { files: [], bytes: 0 };
      },
    },
    // The hash of a large file takes its time, and belongs to the provenance of files that are written.
    sha256Of: async () => '',
  });
  return made;
}
