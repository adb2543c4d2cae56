import type { ComponentChildren } from 'preact';
import { bytes, count, scaled, shapeText } from '../../common/format.ts';
import type { InspectResult } from '../../verbs/index.ts';
import { NetworkElsewhere } from '../network/elsewhere.tsx';
import { ChooseFiles } from '../parts/controls.tsx';
import { Failure, Waiting } from '../parts/notice.tsx';
import { client, useAsked } from '../state/asked.ts';
import { dropFile, modelFiles } from '../state/files.ts';
import { chosenFiles, takeFiles } from '../state/intake.ts';
import { activeColumn, room, showModel } from '../state/view.ts';
import { PreparationEditor } from './editor.tsx';

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
  const { name, file, inputs, heads, total, composite, obstacle, provenance } = inspected;
  return (
    <div class="described">
      <section aria-labelledby="described-title">
        <h2 id="described-title">{name || model}</h2>
        <dl class="facts">
          <Fact term="size">
            {count(total.parameters)} parameters, {scaled(total.multiplyAdds)} multiply-adds a photo,{' '}
            {bytes(file.bytes)}
            {file.beside.length > 0 && ` and its weights, in ${file.beside.join(', ')}`}
          </Fact>
          <Fact term="takes">{inputs.map(({ shape }) => shapeText(shape)).join(', ')}</Fact>
          {heads.map((head) => (
            <Fact key={head.name} term={head.name}>
              {head.kind === 'number' ? 'a number' : classesText(head.labels)}
            </Fact>
          ))}
          <Fact term="explained by">{composite ?? `nothing: ${obstacle}`}</Fact>
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
