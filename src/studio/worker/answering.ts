import { LimnError } from '../../common/error.ts';
import { chosenDevice } from '../../hosts/devices.ts';
import { webHost } from '../../hosts/web.ts';
import { webRuntime } from '../../runtime/index.ts';
import type { AskName, FromWorker, ToWorker, WorkFailure } from '../protocol/index.ts';
import { answers } from './answers.ts';
import type { AskContext } from './context.ts';
import { studioFiles } from './files.ts';
import { bringsPackageFile } from './packages.ts';
import { keptPhoto } from './photos.ts';
import { keptSessions } from './sessions.ts';

/* Verbs on the web host answer what the page asks, in the order in which they come to an end. */

const files = studioFiles();
const running = new Map<number, AbortController>();
const runtime = webRuntime();
const web = webHost({ files });
const post = (message: FromWorker): void => postMessage(message);
const own = { ...web, images: keptPhoto(web.images), packageFile: bringsPackageFile(web) };
const device = chosenDevice(own, runtime, (device) => post({ kind: 'device', device }));
const { host } = device;
const { hostFor } = keptSessions(host, device.runtime);
// ONNX Runtime starts while photo and model are fetched; no sooner, since WebKit makes no threads while a worker imports a module.
// What is wrong with it is said where it is first needed.
void runtime.start().catch(() => undefined);

/** What is answered in an instant once the network is loaded: all else waits for it, or words would come no sooner than maps. */
const quick: ReadonlySet<AskName> = new Set(['add', 'remove', 'classify']);
const answeringQuickly = new Set<Promise<void>>();

/** What a form lists of a network may come after the first map, but does not wait for a method of many passes: milliseconds. */
const listingPatience = 3000;
const explaining = new Set<Promise<void>>();
/** Whether a first explanation is answered. */
let explained = false;

/** Takes a message of the page. */
export function receive(message: ToWorker): void {
  if (message.kind === 'cancel') {
    running.get(message.id)?.abort(new DOMException('cancelled', 'AbortError'));
    return;
  }
  if (message.kind === 'device') {
    device.choose(message.choice);
    return;
  }
  const answering = answer(message);
  const counted = quick.has(message.name)
    ? answeringQuickly
    : message.name === 'explain'
      ? explaining
      : undefined;
  counted?.add(answering);
  void answering.then(() => counted?.delete(answering));
}

/** Until what is more urgent is answered. */
async function turnOf(name: AskName): Promise<void> {
  if (quick.has(name)) return;
  await Promise.all(answeringQuickly);
  if (name !== 'inspect') return;
  // Whatever the page asks at once comes in messages of its own, one after the other.
  await new Promise((resolve) => setTimeout(resolve));
  const patience = new Promise((resolve) => setTimeout(resolve, listingPatience));
  await Promise.race([Promise.all(explaining), patience]);
}

async function answer({ id, name, asked }: Extract<ToWorker, { kind: 'ask' }>): Promise<void> {
  const abort = new AbortController();
  running.set(id, abort);
  const tell: AskContext['tell'] = (progress) => post({ kind: 'progress', id, progress });
  files.onProgress = tell;
  try {
    await turnOf(name);
    abort.signal.throwIfAborted();
    const context: AskContext = { host, hostFor, files, signal: abort.signal, tell };
    // The types of what is asked and answered belong together by the name.
    const work = answers[name] as (asked: unknown, context: AskContext) => Promise<unknown>;
    post({ kind: 'answer', id, answer: await work(asked, context) });
  } catch (error) {
    post({ kind: 'failure', id, failure: failureOf(error) });
  } finally {
    running.delete(id);
    // What a GPU needs is fetched when nobody waits for anything else.
    explained ||= name === 'explain';
    if (explained && running.size === 0) device.prepare();
  }
}

function failureOf(error: unknown): WorkFailure {
  if (error instanceof LimnError) return { message: error.message, expected: true, field: wrongField(error) };
  const message = error instanceof Error ? error.message : String(error);
  return { message, expected: error instanceof DOMException && error.name === 'AbortError' };
}

/** The field of a request that an error stands at. */
function wrongField({ kind, parts: [where] }: LimnError): string | undefined {
  if (kind !== 'request' || typeof where === 'string') return undefined;
  return where.flatMap((part) => (typeof part === 'string' ? [] : part.field))[0];
}
