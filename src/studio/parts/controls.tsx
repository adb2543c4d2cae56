import type { ComponentChildren } from 'preact';
import { useEffect, useId, useState } from 'preact/hooks';

/* Controls of a form with their labels. */

export interface Choice<Value extends string> {
  readonly value: Value;
  readonly label: string;
}

/** One of several, in a list; `groups` put headings over them. */
export function Select<Value extends string>({
  label,
  value,
  choices,
  groups,
  about,
  onChange,
}: {
  readonly label: string;
  readonly value: Value;
  readonly choices?: readonly Choice<Value>[];
  readonly groups?: readonly { readonly label: string; readonly choices: readonly Choice<Value>[] }[];
  /** What is said about the field, below it. */
  readonly about?: ComponentChildren;
  onChange(value: Value): void;
}) {
  const id = useId();
  const option = (choice: Choice<Value>) => (
    <option key={choice.value} value={choice.value}>
      {choice.label}
    </option>
  );
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        id={id}
        value={value}
        {...(about !== undefined && { 'aria-describedby': `${id}-about` })}
        onChange={({ currentTarget }) => onChange(currentTarget.value as Value)}
      >
        {choices?.map(option)}
        {groups?.map((group) => (
          <optgroup key={group.label} label={group.label}>
            {group.choices.map(option)}
          </optgroup>
        ))}
      </select>
      <About id={`${id}-about`}>{about}</About>
    </div>
  );
}

/** One of a few, side by side. */
export function Segments<Value extends string>({
  label,
  value,
  choices,
  onChange,
}: {
  readonly label: string;
  readonly value: Value;
  readonly choices: readonly Choice<Value>[];
  onChange(value: Value): void;
}) {
  const name = useId();
  return (
    <fieldset class="segments">
      <legend>{label}</legend>
      <div>
        {choices.map((choice) => (
          <label key={choice.value}>
            <input
              type="radio"
              name={name}
              checked={choice.value === value}
              onChange={() => onChange(choice.value)}
            />
            <span>{choice.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** A number on a line; what it stands for is written beside it. */
export function Slider({
  label,
  value,
  least,
  most,
  step,
  text,
  onChange,
}: {
  readonly label: string;
  readonly value: number;
  readonly least: number;
  readonly most: number;
  readonly step: number;
  readonly text: string;
  onChange(value: number): void;
}) {
  const id = useId();
  return (
    <div class="field slider">
      <label for={id}>{label}</label>
      <output for={id}>{text}</output>
      <input
        id={id}
        type="range"
        min={least}
        max={most}
        step={step}
        value={value}
        aria-valuetext={text}
        onInput={({ currentTarget }) => onChange(currentTarget.valueAsNumber)}
      />
    </div>
  );
}

/** A text that counts when it is entered; suggestions come from a list. */
export function Entry({
  label,
  value,
  placeholder,
  suggestions,
  about,
  onEnter,
}: {
  readonly label: string;
  readonly value: string;
  readonly placeholder?: string;
  readonly suggestions?: readonly string[];
  /** What is said about the field, below it. */
  readonly about?: ComponentChildren;
  onEnter(value: string): void;
}) {
  const id = useId();
  // What is being typed stays when the page is drawn anew meanwhile.
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="text"
        value={typed}
        onInput={({ currentTarget }) => setTyped(currentTarget.value)}
        {...(placeholder !== undefined && { placeholder })}
        {...(suggestions && { list: `${id}-list` })}
        autocomplete="off"
        spellcheck={false}
        {...(about !== undefined && { 'aria-describedby': `${id}-about` })}
        onChange={({ currentTarget }) => onEnter(currentTarget.value.trim())}
      />
      {suggestions && (
        <datalist id={`${id}-list`}>
          {suggestions.map((each) => (
            <option key={each} value={each} />
          ))}
        </datalist>
      )}
      <About id={`${id}-about`}>{about}</About>
    </div>
  );
}

/** Read out with its field, and as soon as it changes: so it is there before it says something. */
const About = ({ id, children }: { readonly id: string; readonly children: ComponentChildren }) =>
  children === undefined ? null : (
    <div id={id} class="about" aria-live="polite">
      {children}
    </div>
  );

/** A button that opens the file chooser; a whole folder where `folder` says so. */
export function ChooseFiles({
  children,
  accept,
  folder = false,
  onFiles,
}: {
  readonly children: ComponentChildren;
  readonly accept?: string;
  readonly folder?: boolean;
  onFiles(files: readonly File[]): void;
}) {
  return (
    <label class="button">
      {children}
      <input
        type="file"
        multiple
        class="hidden"
        {...(accept !== undefined && { accept })}
        {...(folder && { webkitdirectory: true })}
        onChange={({ currentTarget }) => {
          onFiles(Array.from(currentTarget.files ?? []));
          currentTarget.value = '';
        }}
      />
    </label>
  );
}

/** Text to take elsewhere. */
export function Copyable({ text, label }: { readonly text: string; readonly label: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  };
  return (
    <div class="copyable">
      <textarea readOnly rows={text.split('\n').length} aria-label={label} value={text} wrap="off" />
      <button type="button" onClick={copy} aria-live="polite">
        {copied ? 'Copied' : 'Copy'}
      </button>
    </div>
  );
}
