import { useState } from 'preact/hooks';
import type { InspectResult } from '../../verbs/index.ts';
import { importedOnnx } from '../../verbs/usualnames.ts';
import { Reproduce } from '../parts/reproduce.tsx';
import { saveFile } from '../parts/save.ts';
import type { PreparationChange } from '../protocol/index.ts';
import { askWorker, client, forgetAnswers } from '../state/asked.ts';
import { keepMade } from '../state/files.ts';
import { importOf } from '../state/imports.ts';
import { activeColumn, room, showModel } from '../state/view.ts';
import {
  explanationOf,
  isChanged,
  isWritten,
  type SavedNetwork,
  savedCommandText,
  savedProgramText,
} from './elsewhere.ts';

/** A network as a form says it: looked at here, or saved, by itself and with its explanation; and what writes the same elsewhere. */
export function SaveNetwork({
  model,
  inspected: { obstacle, composite },
  fields,
  readable,
  onReset,
}: {
  readonly model: string;
  readonly inspected: InspectResult;
  readonly fields: PreparationChange;
  /** Whether every field can be read. */
  readonly readable: boolean;
  /** Takes the fields back; undefined where none says anything. */
  readonly onReset: (() => void) | undefined;
}) {
  const [message, setMessage] = useState<string>();
  const column = activeColumn();
  const saved: SavedNetwork = { model, fields, plan: importOf(model), how: explanationOf(column) };
  const tried = (make: () => Promise<void>) => async () => {
    setMessage(undefined);
    await make().catch((error: unknown) => {
      setMessage(error instanceof Error ? error.message : String(error));
    });
  };
  const made = () =>
    askWorker(
      'import',
      { source: 'onnx', model, name: importedOnnx(model), fields },
      { text: 'writing the model' },
    );
  const look = async () => {
    await keepMade(client, (await made()).files);
    forgetAnswers();
    showModel(importedOnnx(model));
    room.value = 'explain';
  };
  const save = async () => {
    for (const file of (await made()).files) saveFile(file.name, file.bytes);
  };
  const explain = async () => {
    const asked = { model, ...saved.how, ...(isChanged(saved) && { fields }) };
    for (const file of await askWorker('compile', asked, { text: 'writing the explanation' }))
      saveFile(file.name, file.bytes);
  };
  // Which composite fits where none is chosen depends on how photos are prepared.
  const usual = isChanged(saved) ? undefined : composite;
  const by = saved.how.composite ?? usual;
  return (
    <>
      {message && (
        <p class="notice notice-failed" role="alert">
          {message}
        </p>
      )}
      <div class="buttons">
        <button type="button" disabled={!readable} onClick={tried(look)}>
          Look at photos with this
        </button>
        <button type="button" disabled={!readable} onClick={tried(save)}>
          Save as a self-describing .onnx
        </button>
        <button type="button" disabled={!readable || obstacle !== undefined} onClick={tried(explain)}>
          Save the explanation as .onnx
        </button>
        {onReset && (
          <button type="button" class="quiet" onClick={onReset}>
            As the model says
          </button>
        )}
      </div>
      <p class="hint">
        {obstacle !== undefined
          ? `It cannot be explained: ${obstacle}.`
          : `The first is the network with what is said here. The second is the network and its explanation in one graph${by ? `, by ${by}` : ''}, as it is chosen in Explain: ONNX Runtime runs it in any language.`}
        {obstacle === undefined &&
          !isWritten(column) &&
          ` ${column.method} is no single run of a graph: relevance propagation is written in its place.`}
      </p>
      {readable && (
        <Reproduce
          command={savedCommandText(saved)}
          program={savedProgramText(saved)}
          does="that writes these files"
        />
      )}
    </>
  );
}
