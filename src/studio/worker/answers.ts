import { summary } from '../../attribution/index.ts';
import { LimnError } from '../../common/error.ts';
import { colormap, layoutFigure, layoutSvg } from '../../image/index.ts';
import { encodePng } from '../../image/pixels/encode.web.ts';
import { classify } from '../../verbs/classify/index.ts';
import { compile } from '../../verbs/compile/index.ts';
import {
  type ExplainedPhoto,
  type ExplainRequest,
  type Explanations,
  explain,
  figureOf,
  remarksOn,
  remarkText,
  saveExplanations,
} from '../../verbs/explain/index.ts';
import type { Host } from '../../verbs/host.ts';
import { inspect } from '../../verbs/inspect/index.ts';
import { failItem, type ProgressEvent, type Watch } from '../../verbs/verb.ts';
import type { AskName, Asks, MadeFile, WorkProgress } from '../protocol.ts';
import type { StudioFiles } from './files.ts';

/** Where and how one ask is answered. */
export interface Desk {
  readonly files: StudioFiles;
  readonly host: Host;
  /** A host whose sessions are kept for asks of the same scope. */
  hostFor(scope: string): Host;
  readonly signal: AbortSignal;
  tell(progress: WorkProgress): void;
}

type Answers = {
  readonly [Name in AskName]: (asked: Asks[Name]['asked'], desk: Desk) => Promise<Asks[Name]['answer']>;
};

/** Each ask is one verb, or the files behind it: nothing is computed here. */
export const answers: Answers = {
  async add(given, { files }) {
    files.give(given);
    return undefined;
  },
  async remove(paths, { files }) {
    files.forget(paths);
    return undefined;
  },
  inspect: (asked, { host, signal }) => inspect(asked, host, { signal }),
  classify: (asked, desk) =>
    classify(asked, desk.hostFor(`classify ${modelKey(asked.model, desk)} ${asked.provider}`), {
      signal: desk.signal,
    }),
  async explain(asked, desk) {
    const start = performance.now();
    const { each } = await explainOne(asked, desk);
    const { item, reading, heat, view, description } = each;
    return {
      item,
      reading,
      map: heat.map,
      view: view!,
      description,
      summary: summary(description),
      remarks: remarksOn(reading).map(remarkText),
      milliseconds: performance.now() - start,
    };
  },
  async save(asked, desk) {
    const output = `save-${crypto.randomUUID()}`;
    await saveExplanations({ ...asked, output, figure: false }, explainHost(asked, desk), watchOf(desk));
    return taken(output, desk);
  },
  async figure({ request, drawing: { colors, limit, percentile } }, desk) {
    const { each, made } = await explainOne(request, desk);
    const figure = figureOf(each, each.view!, made.classifier, { colors, limit, scale: { percentile } });
    colormap(colors);
    return layoutSvg(layoutFigure(figure), encodePng);
  },
  async compile(asked, desk) {
    const output = `compile-${crypto.randomUUID()}`;
    await compile({ ...asked, output: `${output}/explanation.onnx` }, desk.host, { signal: desk.signal });
    return taken(output, desk);
  },
};

const modelKey = (path: string, { files }: Desk): string => `${path}#${files.versionOf(path)}`;

/** Sessions are the same for all photos and targets of a model, a method and its parameters. */
function explainHost(asked: ExplainRequest, desk: Desk): Host {
  const { photos: _photos, target: _target, model, ...how } = asked;
  return desk.hostFor(`explain ${modelKey(model, desk)} ${JSON.stringify(how)}`);
}

const watchOf = ({ signal, tell }: Desk): Watch<ProgressEvent | { readonly kind: 'photo' }> => ({
  signal,
  on: (event) => {
    if (event.kind !== 'progress' || event.total < 2) return;
    tell({ text: `${event.done} of ${event.total} ${event.what}`, done: event.done, total: event.total });
  },
});

async function explainOne(
  asked: ExplainRequest,
  desk: Desk,
): Promise<{ readonly each: ExplainedPhoto; readonly made: Explanations }> {
  const made = await explain(asked, explainHost(asked, desk), watchOf(desk));
  for await (const each of made.photos) {
    if ('error' in each) failItem(each);
    else return { each, made };
  }
  throw new LimnError(asked.photos.join(', '), 'there is nothing to explain in it');
}

/** What was written into a folder; it is removed there. */
async function taken(folder: string, { files }: Desk): Promise<MadeFile[]> {
  const made: MadeFile[] = [];
  for (const [path, bytes] of files.written) {
    if (!path.startsWith(`${folder}/`)) continue;
    made.push({ name: path.slice(folder.length + 1), bytes: bytes as Uint8Array<ArrayBuffer> });
  }
  for (const { name } of made) await files.remove(`${folder}/${name}`);
  return made;
}
