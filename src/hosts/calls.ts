import {
  type ClassifiedPhoto,
  type ClassifyEvent,
  type ClassifyRequest,
  classify,
  type ExplainedPhoto,
  type ExplainRequest,
  explain,
  type FailedItem,
  failItem,
  type Host,
  type ProgressEvent,
  type Watch,
} from '../verbs/index.ts';

/** Verbs in one call, for a model's file and one photo or several. */
export interface Calls {
  /**
   * What is in photos: of one its answer, of a list one each, in order. Errors: as of the verb `classify`; a single photo
   * that cannot be read.
   */
  classify(model: string, photo: string, options?: ClassifyOptions): Promise<ClassifiedPhoto>;
  classify(
    model: string,
    photos: readonly string[],
    options?: ClassifyOptions,
  ): Promise<(ClassifiedPhoto | FailedItem)[]>;
  /** Which pixels speak for a class and which against it, in the same manner. */
  explain(model: string, photo: string, options?: ExplainOptions): Promise<ExplainedPhoto>;
  explain(
    model: string,
    photos: readonly string[],
    options?: ExplainOptions,
  ): Promise<(ExplainedPhoto | FailedItem)[]>;
}

type ClassifyOptions = Omit<ClassifyRequest, 'model' | 'photos'> & Watch<ClassifyEvent>;
type ExplainOptions = Omit<ExplainRequest, 'model' | 'photos'> & Watch<ProgressEvent>;

/** The calls on a host. */
export function callsOn(host: Host): Calls {
  return {
    async classify(model: string, photos: string | readonly string[], options: ClassifyOptions = {}) {
      const { on, signal, ...fields } = options;
      const asked = { ...fields, model, photos: [photos].flat() };
      const result = await classify(asked, host, { on, signal });
      return (typeof photos === 'string' ? only(result.photos) : result.photos) as never;
    },
    async explain(model: string, photos: string | readonly string[], options: ExplainOptions = {}) {
      const { on, signal, ...fields } = options;
      const made = await explain({ ...fields, model, photos: [photos].flat() }, host, { on, signal });
      const all: (ExplainedPhoto | FailedItem)[] = [];
      for await (const each of made.photos) all.push(each);
      return (typeof photos === 'string' ? only(all) : all) as never;
    },
  };
}

/** The one thing that was asked for. Errors: it could not be done. */
function only<T extends object>(all: readonly (T | FailedItem)[]): T {
  const [one] = all;
  if (one && 'error' in one) failItem(one);
  return one;
}
