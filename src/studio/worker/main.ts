import type { ToWorker } from '../protocol.ts';

/* The worker of the page begins with this little: while what answers is loaded, ONNX Runtime is too, and what is asked waits. */

const answering = import('./answering.ts');
addEventListener('message', async ({ data }: MessageEvent<ToWorker>) => (await answering).receive(data));
// What is wrong with it is said where it is first needed.
void import('onnxruntime-web/wasm').catch(() => undefined);
