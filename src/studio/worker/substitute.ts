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
