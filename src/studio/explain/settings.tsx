import { passesOf } from '../../attribution/fields.ts';
import type { Method } from '../../attribution/method.ts';
import { methodPurposes } from '../../attribution/purposes.ts';
import { count } from '../../common/format.ts';
import { COLORMAPS } from '../../image/index.ts';
import { compositePurposes } from '../../relevance/composites/purposes.ts';
import { Entry, Segments, Select, Slider } from '../parts/controls.tsx';
import { useAsked } from '../state/asked.ts';
import { modelFiles } from '../state/files.ts';
import { type ParameterField, parametersOf } from '../state/request.ts';
import { activeColumn, showColumn, showDrawing, showModel, view } from '../state/view.ts';

const groups: readonly { readonly label: string; readonly methods: readonly Method['method'][] }[] = [
  { label: 'shares of the score', methods: ['lrp', 'excitation-backprop'] },
  {
    label: 'gradients',
    methods: ['gradient', 'gradient-x-input', 'smoothgrad', 'guided-backprop', 'deconvnet'],
  },
  {
    label: 'differences from a baseline',
    methods: ['integrated-gradients', 'deeplift', 'gradient-shap'],
  },
  { label: 'feature maps', methods: ['grad-cam', 'grad-cam++', 'layer-cam', 'score-cam'] },
  { label: 'covering', methods: ['occlusion', 'kernel-shap', 'rise'] },
  { label: 'attention', methods: ['attention-rollout', 'chefer'] },
];

/** What is explained and how: of the column that is shown large. */
export function Settings() {
  const { model, target, head, method, parameters } = activeColumn();
  const asked = useAsked('inspect', { model }, 'reading the network');
  const inspected = asked.state === 'ready' ? asked.answer : undefined;
  const heads = inspected?.heads ?? [];
  const chosen =
    heads.find(({ name }) => name === head) ?? heads.find(({ kind }) => kind === 'classes') ?? heads[0];
  const composite = parameters.composite as string | undefined;
  const set = (name: string, value: string | number | undefined) => {
    const { [name]: _, ...rest } = parameters;
    showColumn({ parameters: value === undefined ? rest : { ...rest, [name]: value } });
  };
  return (
    <form class="settings" onSubmit={(event) => event.preventDefault()}>
      <h2>What is explained</h2>
      <Select
        label="Network"
        value={model}
        choices={modelFiles.value.map(({ path }) => ({ value: path, label: path }))}
        onChange={(value) => showModel(value)}
      />
      {heads.length > 1 && chosen && (
        <Segments
          label="Output"
          value={chosen.name}
          choices={heads.map(({ name }) => ({ value: name, label: name }))}
          onChange={(value) => showColumn({ head: value, target: 'predicted' })}
        />
      )}
      {chosen?.kind === 'classes' && (
        <Entry
          label="Target: a class, A + B, or A vs B"
          value={target === 'predicted' ? '' : target}
          placeholder="the answer"
          {...(chosen.labels && { suggestions: suggestionsOf(chosen.labels) })}
          onEnter={(value) => showColumn({ target: value || 'predicted' })}
        />
      )}

      <h2>How</h2>
      <Select
        label="Method"
        value={method}
        groups={groups.map(({ label, methods }) => ({
          label,
          choices: methods.map((value) => ({ value, label: value })),
        }))}
        onChange={(value) => showColumn({ method: value, parameters: {} })}
      />
      <p class="hint">
        {methodPurposes[method]} {passesText(method, parameters)}
      </p>
      {method === 'lrp' && (
        <>
          <Select
            label="Composite"
            value={composite ?? ''}
            choices={[
              { value: '', label: inspected?.composite ? `default: ${inspected.composite}` : 'default' },
              ...Object.keys(compositePurposes).map((value) => ({ value, label: value })),
            ]}
            onChange={(value) => showColumn({ parameters: value ? { composite: value } : {} })}
          />
          <p class="hint">{compositePurposes[composite ?? inspected?.composite ?? 'epsilon-gamma-box']}</p>
        </>
      )}
      <div class="parameters">
        {parametersOf(method, composite).map((field) => (
          <Parameter key={field.name} field={field} value={parameters[field.name]} onChange={set} />
        ))}
      </div>
    </form>
  );
}

/** Thousands of suggestions would be slow to show. */
const suggestionsOf = (labels: readonly string[]): readonly string[] => labels.slice(0, 1000);

function passesText(method: Method['method'], parameters: Readonly<Record<string, string | number>>): string {
  const passes = passesOf({ ...parameters, method } as Method);
  return passes > 2 ? `About ${count(passes)} runs of the network.` : '';
}

function Parameter({
  field: { name, label, kind, initial, choices = [] },
  value,
  onChange,
}: {
  readonly field: ParameterField;
  readonly value: string | number | undefined;
  onChange(name: string, value: string | number | undefined): void;
}) {
  if (kind === 'choice') {
    return (
      <Select
        label={label}
        value={String(value ?? initial)}
        choices={choices.map((each) => ({ value: each, label: each }))}
        onChange={(next) => onChange(name, next === initial ? undefined : next)}
      />
    );
  }
  return (
    <Entry
      label={label}
      value={value === undefined ? '' : String(value)}
      placeholder={initial}
      onEnter={(text) => {
        const number = Number(text);
        onChange(name, text === '' || !Number.isFinite(number) ? undefined : number);
      }}
    />
  );
}

/** How maps become pictures: of all that are shown. */
export function DrawingSettingsForm() {
  const { colors, scale, percentile, pooling, opacity } = view.value.drawing;
  return (
    <form class="settings" onSubmit={(event) => event.preventDefault()}>
      <h2>How it is drawn</h2>
      <Slider
        label="Photo or relevance"
        value={opacity}
        least={0}
        most={1}
        step={0.05}
        text={
          opacity >= 1 ? 'relevance only' : opacity <= 0 ? 'photo only' : `${Math.round(100 * opacity)} %`
        }
        onChange={(value) => showDrawing({ opacity: value })}
      />
      <Select
        label="Colours"
        value={colors}
        choices={[...COLORMAPS.keys()].map((value) => ({ value, label: value }))}
        onChange={(value) => showDrawing({ colors: value })}
      />
      <Segments
        label="Scale"
        value={scale}
        choices={[
          { value: 'own', label: 'own' },
          { value: 'column', label: 'per method' },
          { value: 'shared', label: 'shared' },
        ]}
        onChange={(value) => showDrawing({ scale: value })}
      />
      <Slider
        label="Colours end at"
        value={percentile}
        least={90}
        most={100}
        step={0.1}
        text={percentile >= 100 ? 'the largest value' : `${percentile.toFixed(1)} % of |relevance|`}
        onChange={(value) => showDrawing({ percentile: Number(value.toFixed(1)) })}
      />
      <Segments
        label="Channels become one by their"
        value={pooling}
        choices={(['sum', 'mean', 'norm'] as const).map((value) => ({ value, label: value }))}
        onChange={(value) => showDrawing({ pooling: value })}
      />
    </form>
  );
}
