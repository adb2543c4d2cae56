import * as v from 'valibot';
import type { Host } from '../host.ts';
import { type ImportResult, importFaceApi } from '../import/index.ts';
import { type PageResult, page, pageRequest } from '../page/index.ts';
import { checkRequest } from '../request.ts';
import type { ProgressEvent, Watch } from '../verb.ts';

/** What {@link demo} is asked. */
export const demoRequest = v.strictObject({
  /** The folder to write into. */
  output: v.optional(v.string(), 'demo/out'),
  /** What the page says to do next. */
  next: pageRequest.entries.next,
});

/** What {@link demo} is asked; a field with a question mark may be left out. */
export type DemoRequest = v.InferInput<typeof demoRequest>;

/** What the demonstration made: a model, and a page that explains a portrait. */
export interface DemoResult {
  readonly photo: string;
  readonly imported: ImportResult;
  readonly page: PageResult;
}

/**
 * Imports the age and gender network of the npm package @vladmandic/face-api, and explains the face of the astronaut
 * Eileen Collins (NASA, public domain) with it on a page. Errors: as of the verbs `importFaceApi` and `page`.
 */
export async function demo(
  request: DemoRequest,
  host: Host,
  watch: Watch<ProgressEvent> = {},
): Promise<DemoResult> {
  const { output, next } = checkRequest(demoRequest, request, watch.signal);
  await host.files.makeFolder(output);
  const imported = await importFaceApi({ output }, host);
  const photo = await host.packageFile('limn', 'demo/astronaut-face.png');
  const shown = await page(
    {
      model: imported.output,
      photo,
      output,
      title: 'What does a network look at in a face?',
      next,
      sources: [
        'Photo: the astronaut Eileen Collins, by NASA, in the public domain; a square around the face.',
      ],
    },
    host,
    watch,
  );
  return { photo, imported, page: shown };
}
