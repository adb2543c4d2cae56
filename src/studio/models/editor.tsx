import { useState } from 'preact/hooks';
import { shapeText } from '../../common/format.ts';
import type { InspectResult } from '../../verbs/index.ts';
import { Entry, Select } from '../parts/controls.tsx';
import { activePhoto } from '../state/view.ts';
import { type CheckChoice, doctorAskOf, firstCheck, LabelledCheck, useDoctor } from './check.tsx';
import { Finding, findingsOf, type TakeFix } from './findings.tsx';
import { usePreparation, WhatItGets } from './gets.tsx';
import { formOf, mendedForm, type PreparationForm, readForm } from './preparation.ts';
import { SaveNetwork } from './save.tsx';

/** How photos are prepared: shown and changed, checked with every change, and written into a model of its own. */
export function PreparationEditor({
  model,
  inspected,
}: {
  readonly model: string;
  readonly inspected: InspectResult;
}) {
  const known = formOf(inspected.preprocessing);
  const [form, setForm] = useState(known);
  const [check, setCheck] = useState<CheckChoice>(firstCheck);
  const { fields, wrong } = readForm(form, known);
  const readable = Object.keys(wrong).length === 0;
  const changed = Object.keys(fields).length > 0;
  const says = inspected.preprocessing !== undefined;

  const photo = activePhoto();
  const now = usePreparation(model, photo, readable && (says || changed) ? fields : undefined);
  const before = usePreparation(model, photo, changed && says ? {} : undefined);
  const ask = readable ? doctorAskOf(model, fields, check) : undefined;
  const found = useDoctor(check.on ? ask : undefined);

  const mend: TakeFix = (fix) => setForm(mendedForm(form, fix.fields, fix.labels));
  const said = (name: keyof PreparationForm) => (
    <>
      {wrong[name] && <p class="mistake">{wrong[name]}</p>}
      {now.state === 'failed' && now.field === name && <p class="mistake">{now.message}</p>}
      {found.state === 'ready' &&
        findingsOf(found.answer, name).map((finding) => (
          <Finding key={finding.what} finding={finding} onFix={mend} />
        ))}
    </>
  );
  const field = (name: keyof PreparationForm, label: string, placeholder: string) => (
    <Entry
      label={label}
      value={form[name]}
      placeholder={placeholder}
      about={said(name)}
      onEnter={(value) => setForm({ ...form, [name]: value })}
    />
  );
  return (
    <>
      <section aria-labelledby="preparation-title">
        <h2 id="preparation-title">How photos are prepared</h2>
        {!says && <p class="notice">The model does not say it: say it here, or photos cannot be answered.</p>}
        <div class="preparation-parts">
          <form class="preparation" onSubmit={(event) => event.preventDefault()}>
            {field('resize', 'Resized to', '256 or 256×320')}
            <Select
              label="Keeping"
              value={form.resizeMode}
              about={said('resizeMode')}
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
              about={said('channels')}
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
                aria-describedby="preparation-labels-about"
                onChange={({ currentTarget }) => setForm({ ...form, labels: currentTarget.value })}
              />
              <div id="preparation-labels-about" class="about" aria-live="polite">
                {said('labels')}
              </div>
            </div>
          </form>
          <WhatItGets photo={photo} now={now} before={changed && says ? before : undefined} />
        </div>
        <SaveNetwork
          {...{ model, inspected, fields, readable }}
          onReset={changed ? () => setForm(known) : undefined}
        />
      </section>
      <LabelledCheck
        choice={check}
        heads={inspected.heads}
        ask={ask}
        asked={found}
        onChoose={setCheck}
        onFix={mend}
      />
    </>
  );
}

const meanPlaceholder = ({ preprocessing }: InspectResult): string => {
  const mean = preprocessing?.mean;
  return mean && 'image' in mean ? `an image of ${shapeText(mean.image)}` : '104, 117, 123';
};
