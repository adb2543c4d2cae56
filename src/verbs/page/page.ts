import type { Classifier } from '../../classifier/index.ts';
import { toBase64 } from '../../common/base64.ts';
import type { Head } from '../../graph/index.ts';
import { explanationPage } from '../../report/page.ts';
import { writePhoto } from '../explain/files.ts';
import { type ExplainedPhoto, explain, heatmapScaleOf, type PhotoRecord } from '../explain/index.ts';
import type { Host } from '../host.ts';
import { checkRequest } from '../request.ts';
import { failItem, type ProgressEvent, type Watch } from '../verb.ts';
import { type PageRequest, pageRequest } from './request.ts';
import { leadOf, type Parts, sectionOf } from './section.ts';

/** A page that explains a photo, and what stands beside it. */
export interface PageResult {
  /** The page's file. */
  readonly page: string;
  readonly model: string;
  /** What was explained and written, by output. */
  readonly outputs: readonly { readonly head: Head; readonly record: PhotoRecord }[];
}

/**
 * Explains a photo by every output of a model whose meaning is known, writes figure, heatmap and raw relevance for each,
 * called after the output, and a page that shows them and stands alone. Errors: as of the verb `explain`; a photo that
 * cannot be read.
 */
export async function page(
  request: PageRequest,
  host: Host,
  watch: Watch<ProgressEvent> = {},
): Promise<PageResult> {
  const { model, photo, output, title, lead, next, sources, ...fields } = checkRequest(
    pageRequest,
    request,
    watch.signal,
  );
  const { files, images } = host;
  const scale = heatmapScaleOf(fields);
  await files.makeFolder(output);
  files.protect([model, photo]);
  const { info } = (await files.readModel(model)).model;
  const file = files.join(output, 'index.html');
  const endings = ['.png', '_heatmap.png', '.npy'];
  await files.claim([
    file,
    ...info.heads.flatMap(({ name }) => endings.map((ending) => files.join(output, name + ending))),
  ]);
  const encode = async (picture: Parameters<typeof images.encodePng>[0]) =>
    `data:image/png;base64,${toBase64(await images.encodePng(picture))}`;
  const parts: Parts[] = [];
  const outputs: { head: Head; record: PhotoRecord }[] = [];
  for (const head of info.heads) {
    const made = await explain({ ...fields, model, photos: [photo], head: head.name }, host, watch);
    for await (const each of made.photos) {
      if ('error' in each) failItem(each);
      const style = { colors: fields.colors, scale, density: 2, raw: ['npy'], figure: true } as const;
      const written = await writePhoto(
        { ...made, ...style, host, folder: output },
        each,
        head.name,
        each.heat.limit,
      );
      outputs.push({ head, record: written.photo });
      parts.push(partsOf(each, made.classifier));
    }
  }
  watch.signal?.throwIfAborted();
  const html = explanationPage({
    title,
    lead: lead ?? leadOf(parts),
    sections: await Promise.all(parts.map((each) => sectionOf(each, fields.colors, scale, encode))),
    steps: next,
    sources: [
      ...sources,
      `Network: ${Object.entries(info.provenance)
        .map(([key, value]) => `${key} ${value}`)
        .join('; ')}.`,
      'What a network says of a photo is a guess from its training data, not a fact.',
    ],
  });
  await files.write(file, html);
  return { page: file, model, outputs };
}

const partsOf = (explained: ExplainedPhoto, classifier: Classifier): Parts => ({ explained, classifier });
