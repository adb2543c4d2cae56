import type { Answer, Question } from './worker.ts';

/* The page asks a worker, so that it can be scrolled and clicked while the network computes. `npx vite examples/worker-page` */

const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
const find = <T extends Element>(selector: string): T => document.querySelector<T>(selector) as T;
const [model, photo] = [find<HTMLInputElement>('[name=model]'), find<HTMLInputElement>('[name=photo]')];
const [output, picture] = [find('output'), find<HTMLImageElement>('img')];

for (const input of [model, photo]) {
  input.addEventListener('change', () => {
    const [network, picked] = [model.files?.[0], photo.files?.[0]];
    if (!network || !picked) return;
    output.textContent = 'computing …';
    const question: Question = { model: network, photo: picked };
    worker.postMessage(question);
  });
}

worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => {
  picture.hidden = 'error' in data;
  output.textContent = 'error' in data ? data.error : `${data.target}: ${data.score.toFixed(3)}`;
  if ('error' in data) return;
  picture.src = URL.createObjectURL(new Blob([data.png], { type: 'image/png' }));
  picture.alt = `what speaks for ${data.target}, and what against it`;
});
