import { LimnError } from '../../common/error.ts';
import { webHost } from '../../hosts/web.ts';
import { webRuntime } from '../../runtime/index.ts';
import type { FromWorker, ToWorker, WorkFailure } from '../protocol.ts';
import { answers } from './answers.ts';
import type { AskContext } from './context.ts';
import { studioFiles } from './files.ts';
import { keptSessions } from './sessions.ts';

/* The worker of the page: verbs on the web host. Asks are answered in the order in which they come to an end. */

const files = studioFiles();
const running = new Map<number, AbortController>();
const host = webHost({ files });
const { hostFor } = keptSessions(host, webRuntime());

addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  if (data.kind === 'cancel') running.get(data.id)?.abort(new DOMException('cancelled', 'AbortError'));
  else void answer(data);
});

async function answer({ id, name, asked }: Extract<ToWorker, { kind: 'ask' }>): Promise<void> {
  const abort = new AbortController();
  running.set(id, abort);
  const tell: AskContext['tell'] = (progress) => post({ kind: 'progress', id, progress });
  files.onProgress = tell;
  try {
    const context: AskContext = { host, hostFor, files, signal: abort.signal, tell };
    // The types of what is asked and answered belong together by the name.
    const work = answers[name] as (asked: unknown, context: AskContext) => Promise<unknown>;
    post({ kind: 'answer', id, answer: await work(asked, context) });
  } catch (error) {
    post({ kind: 'failure', id, failure: failureOf(error) });
  } finally {
    running.delete(id);
  }
}

const post = (message: FromWorker): void => postMessage(message);

function failureOf(error: unknown): WorkFailure {
  if (error instanceof LimnError) return { message: error.message, expected: true };
  const message = error instanceof Error ? error.message : String(error);
  return { message, expected: error instanceof DOMException && error.name === 'AbortError' };
}
