import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { bytes, count, scaled, shapeText } from '../../common/format.ts';
import type { InspectResult } from '../../verbs/index.ts';
import { importedOnnx } from '../../verbs/usualnames.ts';
import { NetworkElsewhere } from '../network/elsewhere.tsx';
import { ChooseFiles, Entry, Select } from '../parts/controls.tsx';
import { Failure, Waiting } from '../parts/notice.tsx';
import { saveFile } from '../parts/save.ts';
import { askWorker, client, forgetAnswers, useAsked } from '../state/asked.ts';
import { dropFile, keepFiles, modelFiles } from '../state/files.ts';
import { chosenFiles, takeFiles } from '../state/intake.ts';
import { activeColumn, room, showModel } from '../state/view.ts';
import { fieldsOfForm, formOf, type PreparationForm } from './preparation.ts';

/** Networks: what there is, what it says of itself, and how photos are prepared for it. */
export function ModelsRoom() {
  const { model } = activeColumn();
  const asked = useAsked('inspect', { model }, 'reading the network');
  return (
    <main id="main" class="models">
      <section class="models-list" aria-labelledby="models-title">
        <h1 id="models-title" class="title">
          Networks
        </h1>
        <ul>
          {modelFiles.value.map(({ path, from }) => (
            <li key={path} class={path === model ? 'chosen' : ''}>
              <button type="button" aria-pressed={path === model} onClick={() => showModel(path)}>
                {path}
              </button>
              {from === 'kept' && (
                <button
                  type="button"
                  class="quiet"
                  aria-label={`remove ${path} from this page`}
                  onClick={() => {
                    if (path === model) showModel(modelFiles.value.find((each) => each.path !== path)!.path);
                    void dropFile(client, path);
                  }}
                >
                  ×
                </button>
              )}
            </li>
          ))}
        </ul>
        <div class="buttons">
          <ChooseFiles onFiles={(files) => takeFiles(chosenFiles(files))}>Choose files</ChooseFiles>
          <ChooseFiles folder onFiles={(files) => takeFiles(chosenFiles(files))}>
            Choose a folder
          </ChooseFiles>
        </div>
        <p class="hint">
          An .onnx model with the files beside it; a .prototxt with its .caffemodel, mean and labels; a folder
          of TensorFlow.js, Teachable Machine or the Hugging Face hub. Drop them together.
        </p>
      </section>
      {asked.state === 'failed' && <Failure asked={asked} />}
      {asked.state === 'asking' && <Waiting text="reading the network" />}
      {asked.state === 'ready' && <Described key={model} model={model} inspected={asked.answer} />}
    </main>
  );
}

function Described({ model, inspected }: { readonly model: string; readonly inspected: InspectResult }) {
  const { name, file, inputs, heads, total, composite, provenance } = inspected;
  return (
    <div class="described">
      <section aria-labelledby="described-title">
        <h2 id="described-title">{name || model}</h2>
        <dl class="facts">
          <Fact term="size">
            {count(total.parameters)} parameters, {scaled(total.multiplyAdds)} multiply-adds a photo,{' '}
            {bytes(file.bytes)}
          </Fact>
          <Fact term="takes">{inputs.map(({ shape }) => shapeText(shape)).join(', ')}</Fact>
          {heads.map((head) => (
            <Fact key={head.name} term={head.name}>
              {head.kind === 'number' ? 'a number' : classesText(head.labels)}
            </Fact>
          ))}
          <Fact term="explained by">
            {composite ?? 'nothing: relevance cannot pass through all of its layers'}
          </Fact>
          {Object.entries(provenance).map(([key, value]) => (
            <Fact key={key} term={key}>
              {value}
            </Fact>
          ))}
          <Fact term="sha256">
            <code>{file.sha256}</code>
          </Fact>
        </dl>
        <div class="buttons">
          <button
            type="button"
            class="primary"
            onClick={() => {
              room.value = 'explain';
            }}
          >
            Explain a photo with it
          </button>
          <button
            type="button"
            onClick={async () => {
              const asked = {
                model,
                ...(activeColumn().head !== undefined && { head: activeColumn().head }),
              };
              for (const made of await askWorker('compile', asked, { text: 'writing the explanation' }))
                saveFile(made.name, made.bytes);
            }}
          >
            Save the explanation as .onnx
          </button>
        </div>
      </section>
      <PreparationEditor model={model} inspected={inspected} />
      <NetworkElsewhere request={{ model }} inspected={inspected} />
    </div>
  );
}

const Fact = ({ term, children }: { readonly term: string; readonly children: ComponentChildren }) => (
  <div>
    <dt>{term}</dt>
    <dd>{children}</dd>
  </div>
);

function classesText(labels: readonly string[] | undefined): string {
  if (!labels) return 'classes without names';
  const some = labels.slice(0, 6).join(', ');
  return labels.length > 6 ? `${count(labels.length)} classes: ${some} …` : some;
}

/** How photos are prepared: shown, changed, and written into a model of its own. */
function PreparationEditor({
  model,
  inspected,
}: {
  readonly model: string;
  readonly inspected: InspectResult;
}) {
  const known = formOf(inspected.preprocessing);
  const [form, setForm] = useState(known);
  const [message, setMessage] = useState<string>();
  const field = (name: keyof PreparationForm, label: string, placeholder: string) => (
    <Entry
      label={label}
      value={form[name]}
      placeholder={placeholder}
      onEnter={(value) => setForm({ ...form, [name]: value })}
    />
  );
  const make = async (save: boolean) => {
    setMessage(undefined);
    try {
      const fields = fieldsOfForm(form, known);
      const name = importedOnnx(model);
      const { files } = await askWorker(
        'import',
        { source: 'onnx', model, name, fields },
        { text: 'writing the model' },
      );
      if (save) {
        for (const file of files) saveFile(file.name, file.bytes);
        return;
      }
      await keepFiles(
        client,
        files.map((file) => ({ path: file.name, blob: new Blob([file.bytes]) })),
      );
      forgetAnswers();
      showModel(name);
      room.value = 'explain';
    } catch (error) {
      setMessage(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <section aria-labelledby="preparation-title">
      <h2 id="preparation-title">How photos are prepared</h2>
      {!inspected.preprocessing && (
        <p class="notice">The model does not say it: say it here, or photos cannot be answered.</p>
      )}
      <form class="preparation" onSubmit={(event) => event.preventDefault()}>
        {field('resize', 'Resized to', '256 or 256×320')}
        <Select
          label="Keeping"
          value={form.resizeMode}
          choices={[
            { value: '', label: 'as the model says' },
            { value: 'stretch', label: 'nothing: stretched' },
            { value: 'shorter-side', label: 'the proportions: covers the size' },
            { value: 'pad', label: 'the proportions: black borders' },
            { value: 'replicate', label: 'the proportions: borders repeated' },
          ]}
          onChange={(value) => setForm({ ...form, resizeMode: value })}
        />
        {field('crop', 'Cut from the middle', '224')}
        <Select
          label="Order of channels"
          value={form.channels}
          choices={['', 'rgb', 'bgr', 'gray'].map((value) => ({
            value,
            label: value || 'as the model says',
          }))}
          onChange={(value) => setForm({ ...form, channels: value })}
        />
        {field('mean', 'Mean, subtracted (0–255)', meanPlaceholder(inspected))}
        {field('std', 'Then divided by', '58.4, 57.1, 57.4')}
        {field('scale', 'Then times', '1')}
        <div class="field">
          <label for="preparation-labels">Names of the classes, one a line</label>
          <textarea
            id="preparation-labels"
            rows={3}
            value={form.labels}
            placeholder="as the model says"
            onChange={({ currentTarget }) => setForm({ ...form, labels: currentTarget.value })}
          />
        </div>
      </form>
      {message && (
        <p class="notice notice-failed" role="alert">
          {message}
        </p>
      )}
      <div class="buttons">
        <button type="button" onClick={() => make(false)}>
          Look at photos with this
        </button>
        <button type="button" onClick={() => make(true)}>
          Save as a self-describing .onnx
        </button>
      </div>
    </section>
  );
}

const meanPlaceholder = ({ preprocessing }: InspectResult): string => {
  const mean = preprocessing?.mean;
  return mean && 'image' in mean ? `an image of ${shapeText(mean.image)}` : '104, 117, 123';
};
