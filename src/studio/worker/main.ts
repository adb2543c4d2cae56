import type { ToWorker } from '../protocol/index.ts';

/* The worker of the page begins with this little: while what answers is loaded, ONNX Runtime is fetched, and what is asked waits. */

const answering = import('./answering.ts');
addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  // Whoever asked hears of it as of an error of the worker: nobody waits for what could not be loaded.
  void answering.then(({ receive }) => receive(data)).catch(reportError);
});
// What is wrong with it is said where it is first needed.
void import('onnxruntime-web/wasm').catch(() => undefined);
