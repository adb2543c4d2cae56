import { useEffect, useState } from 'preact/hooks';
import { ChooseFiles, Select } from '../parts/controls.tsx';
import {
  type LabelledChoice,
  LabelledFields,
  labelledOf,
  placesNow,
  useNewestLabelled,
} from '../parts/labelled.tsx';
import { CommandAndProgram } from '../parts/reproduce.tsx';
import type { Asks } from '../protocol/index.ts';
import { askWorker, client, useAsked } from '../state/asked.ts';
import { evaluateCommandText } from '../state/commands.ts';
import { keepMade, modelFiles, studioFilesSignal } from '../state/files.ts';
import { fileNameOf } from '../state/folder.ts';
import { chosenFiles, takeFiles } from '../state/intake.ts';
import { verbProgramText } from '../state/programs.ts';
import { openResult } from '../state/results.ts';
import { activeColumn } from '../state/view.ts';

/** Measures a network on labelled photos, in this page. */
export function EvaluateForm({ open }: { readonly open: boolean }) {
  const places = placesNow();
  const [model, setModel] = useState(activeColumn().model);
  const [choice, setChoice] = useState<LabelledChoice>({});
  const [message, setMessage] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [opened, setOpened] = useState(open);
  useEffect(() => setOpened(open), [open]);
  useNewestLabelled((data) => {
    setChoice({ ...choice, data });
    setOpened(true);
  });
  const asked = useAsked('inspect', opened ? { model } : undefined, 'reading the network');
  const heads = asked.state === 'ready' ? asked.answer.heads : [];
  const labelled = labelledOf(choice, places);
  const request: Asks['evaluate']['asked'] | undefined = labelled && {
    models: [model],
    ...labelled,
    skipBad: true,
  };
  const start = async () => {
    if (!request) return;
    setMessage(undefined);
    setBusy(true);
    try {
      const made = await askWorker('evaluate', request, { text: 'evaluating' });
      const folder = newFolder(`evaluated/${stemOf(model)}-${stemOf(request.data)}`);
      await keepMade(client, made, folder);
      setOpened(false);
      openResult(folder);
    } catch (error) {
      setMessage(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <details class="evaluate" open={opened} onToggle={({ currentTarget }) => setOpened(currentTarget.open)}>
      <summary>Evaluate photos here</summary>
      <form
        class="settings"
        onSubmit={(event) => {
          event.preventDefault();
          void start();
        }}
      >
        <p class="hint">
          A folder with one folder of photos per class, or photos with a table of their labels (path,label in
          a .csv, or “path class” in a .txt). Drop them, or choose the folder. They stay in this page.
        </p>
        <ChooseFiles folder onFiles={(files) => takeFiles(chosenFiles(files))}>
          Choose a folder
        </ChooseFiles>
        <Select
          label="Network"
          value={model}
          choices={modelFiles.value.map(({ path }) => ({ value: path, label: path }))}
          onChange={setModel}
        />
        <LabelledFields places={places} heads={heads} choice={choice} onChoose={setChoice} />
        {message !== undefined && (
          <p class="notice notice-failed" role="alert">
            {message}
          </p>
        )}
        <button type="submit" class="primary" disabled={!request || busy}>
          Evaluate
        </button>
        {request && (
          <CommandAndProgram
            command={evaluateCommandText(request)}
            program={verbProgramText('evaluate', { ...request, output: 'result' })}
            does="that evaluates"
          />
        )}
      </form>
    </details>
  );
}

const stemOf = (path: string): string => (path === '.' ? 'photos' : fileNameOf(path).replace(/\.[^.]*$/, ''));

/** A name that no result has yet. */
function newFolder(wanted: string): string {
  const taken = (folder: string) => studioFilesSignal.value.has(`${folder}/result.json`);
  let folder = wanted;
  for (let i = 2; taken(folder); i++) folder = `${wanted}-${i}`;
  return folder;
}
