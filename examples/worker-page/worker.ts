import { colormap, overlay } from 'limn';
import { encodePng, explain } from 'limn/web';

export interface Question {
  readonly model: File;
  readonly photo: File;
}

export type Answer =
  | { readonly target: string; readonly score: number; readonly png: Uint8Array<ArrayBuffer> }
  | { readonly error: string };

addEventListener('message', async ({ data: { model, photo } }: MessageEvent<Question>) => {
  let answer: Answer;
  try {
    const { reading, heat, view } = await explain(model, photo);
    if (!view) throw new Error('there is no photo to draw on');
    const picture = overlay(view, heat.map, colormap('black-firered'), { limit: heat.limit });
    const png = new Uint8Array(await encodePng(picture));
    answer = { target: reading.target.name, score: reading.score, png };
  } catch (error) {
    answer = { error: error instanceof Error ? error.message : String(error) };
  }
  postMessage(answer);
});
