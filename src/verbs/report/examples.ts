import { toBase64 } from '../../common/base64.ts';
import { LimnError } from '../../common/error.ts';
import { percent, plural } from '../../common/format.ts';
import type { Answer, Result, ResultInfo } from '../../evaluation/index.ts';
import { colormap, type Image, overlay, resizeImage } from '../../image/index.ts';
import type { PageExample } from '../../report/index.ts';
import { modelHash } from '../evaluate/info.ts';
import { explain } from '../explain/index.ts';
import type { Host } from '../host.ts';
import type { Watch } from '../verb.ts';

/** How many mistakes are shown, and how many right answers, each of another class. */
const MISTAKES = 10;
const RIGHT = 4;

/** Pixels on the longer side of a picture in a page, at most. */
const SIDE = 160;

/** Photos of a model's most confident answers. */
export interface Examples {
  readonly mistakes: readonly PageExample[];
  readonly right: readonly PageExample[];
  /** What the heatmaps are, in a sentence. */
  readonly method: string;
}

/** An answer, its classes, and the result that it is in. */
interface Chosen {
  readonly answer: Answer;
  readonly predicted: number;
  readonly result: Result;
}

/**
 * The most confident mistakes of a model and some right answers, with what it looked at. `results` are of its folds. What cannot
 * be shown is told to `missing` in a sentence: models and photos are found where they were evaluated, relative to where this
 * is called. Undefined where there is nothing to show.
 */
export async function examplesOf(
  name: string,
  results: readonly Result[],
  missing: string[],
  host: Host,
  watch: Watch<never>,
): Promise<Examples | undefined> {
  const chosen = chooseExamples(results);
  const shown = new Map<Chosen, PageExample>();
  let method = '';
  for (const result of results) {
    const own = [...chosen.mistakes, ...chosen.right].filter((each) => each.result === result);
    if (own.length === 0) continue;
    try {
      method = await explainExamples(own, result.info, shown, host, watch);
    } catch (error) {
      if (!(error instanceof LimnError)) throw error;
      missing.push(`Without photos of ${name}'s answers: ${error.message}.`);
    }
  }
  const shownOf = (some: readonly Chosen[]) => some.flatMap((each) => shown.get(each) ?? []);
  const [mistakes, right] = [shownOf(chosen.mistakes), shownOf(chosen.right)];
  return mistakes.length + right.length > 0 ? { mistakes, right, method } : undefined;
}

/** The answers to show: the surest of the wrong ones, and of the right ones the surest of each class. */
export function chooseExamples(results: readonly Result[]): {
  readonly mistakes: readonly Chosen[];
  readonly right: readonly Chosen[];
} {
  const all = results
    .flatMap((result) =>
      result.answers.map((answer): Chosen => {
        const predicted = answer.scores.reduce(
          (best, score, i, scores) => (score > scores[best] ? i : best),
          0,
        );
        return { answer, predicted, result };
      }),
    )
    .sort((a, b) => b.answer.scores[b.predicted] - a.answer.scores[a.predicted]);
  const classes = new Set<number>();
  const right = all.filter(({ answer, predicted }) => {
    if (answer.truth !== predicted || classes.has(predicted)) return false;
    classes.add(predicted);
    return true;
  });
  return {
    mistakes: all.filter(({ answer, predicted }) => answer.truth !== predicted).slice(0, MISTAKES),
    right: right.slice(0, RIGHT),
  };
}

/** Explains photos of one result; the method in words. Errors: the model or a photo is not where it was, or another one. */
async function explainExamples(
  chosen: readonly Chosen[],
  info: ResultInfo,
  shown: Map<Chosen, PageExample>,
  host: Host,
  { signal }: Watch<never>,
): Promise<string> {
  const { files } = host;
  const { model, data, settings } = info;
  const path = model.path ?? model.file;
  if ((await files.kindOf(files.join(data.source, 'data.mdb'))) === 'file') {
    const fix = 'evaluate the folder or the list that it was made of';
    throw new LimnError(data.source, 'its photos are in a database, of which no file can be shown', fix);
  }
  const isFolder = (await files.kindOf(data.source)) === 'folder';
  const folder = data.folder ?? (isFolder ? data.source : files.join(data.source, '..'));
  const photos = chosen.map(({ answer: { image } }) =>
    image.startsWith('/') ? image : files.join(folder, image),
  );
  const head = typeof settings.head === 'string' ? settings.head : model.head.name;
  const made = await explain({ model: path, photos, head, target: 'predicted' }, host, { signal });
  if ((await modelHash(made.loaded, host)) !== model.sha256) {
    await made.photos.return();
    throw new LimnError(path, 'is another model than was evaluated', 'evaluate it again');
  }
  const colours = colormap('black-firered');
  let failed = 0;
  let first: string | undefined;
  let method = '';
  let i = 0;
  for await (const each of made.photos) {
    const example = chosen[i++];
    if ('error' in each || !each.view) {
      failed++;
      first ??= 'error' in each ? each.error : undefined;
      continue;
    }
    const { view, heat, description } = each;
    method = description.method;
    const { answer, predicted } = example;
    const { labels } = model.head;
    const called = (index: number) => labels?.[index] ?? `class ${index}`;
    const score = answer.scores[predicted];
    const sure = info.probabilities === false ? '' : ` (${percent(score)})`;
    const isRight = predicted === answer.truth;
    shown.set(example, {
      photo: await pictureOf(view, host),
      heatmap: await pictureOf(overlay(view, heat.map, colours, { limit: heat.limit }), host),
      text: isRight
        ? `${called(predicted)}${sure}`
        : `${called(answer.truth)}, taken for ${called(predicted)}${sure}`,
      name: answer.image,
    });
  }
  if (failed > 0) {
    throw new LimnError(
      data.source,
      `${plural(failed, 'photo')} could not be shown${first ? ` (${first})` : ''}`,
    );
  }
  return method;
}

/** A picture as a URL, as small as a page needs it. */
async function pictureOf(given: Image, { images }: Host): Promise<string> {
  const scale = Math.min(1, SIDE / Math.max(given.width, given.height));
  const size = (side: number) => Math.max(1, Math.round(scale * side));
  const small = scale < 1 ? resizeImage(given, size(given.height), size(given.width)) : given;
  return `data:image/png;base64,${toBase64(await images.encodePng(small))}`;
}
