import { useState } from 'preact/hooks';
import { ChooseFiles } from '../parts/controls.tsx';
import { CommandAndProgram } from '../parts/reproduce.tsx';
import { saveFile } from '../parts/save.ts';
import { chosenFiles, takeFiles } from '../state/intake.ts';
import { changeFinding, keepFindings, type PinnedFinding, pinned } from '../state/notebook.ts';
import { notebookPage } from './report.ts';

/** Smaller pictures are what a network sees: enlarged, their pixels stay whole. */
const mostInPixels = 320;
/** Charts and sheets that are wider have a line of their own. */
const widePicture = 400;

/** What was pinned, with comments; as a report to take along. */
export function NotebookRoom() {
  const findings = pinned.value;
  return (
    <main id="main" class="notebook">
      <header class="notebook-head">
        <h1 class="title">Notebook</h1>
        <div class="buttons">
          <button
            type="button"
            class="primary"
            disabled={findings.length === 0}
            onClick={() => saveFile('notebook.html', notebookPage(findings))}
          >
            Save as a page that opens offline
          </button>
          <ChooseFiles accept=".html" onFiles={(files) => takeFiles(chosenFiles(files))}>
            Take in a saved one
          </ChooseFiles>
        </div>
      </header>
      {findings.length === 0 && (
        <p class="hint">
          Nothing is pinned yet. “Pin to the notebook” in the other rooms keeps what they show, with the
          command that makes the same. It stays in this browser.
        </p>
      )}
      <ol class="notebook-list">
        {findings.map((finding, i) => (
          <li key={finding.id}>
            <Finding finding={finding} place={i} count={findings.length} />
          </li>
        ))}
      </ol>
    </main>
  );
}

function Finding({
  finding: { id, title, comment, address, facts, pictures, command, program, date },
  place,
  count,
}: {
  readonly finding: PinnedFinding;
  readonly place: number;
  readonly count: number;
}) {
  const [sure, setSure] = useState(false);
  const move = (by: number) => {
    const all = [...pinned.value];
    all.splice(place + by, 0, ...all.splice(place, 1));
    keepFindings(all);
  };
  return (
    <article class="finding" aria-labelledby={`finding-${id}`}>
      {pictures.length > 0 && (
        <div class="finding-pictures">
          {pictures.map(({ source, alt }) => (
            <img
              key={alt}
              class="picture"
              src={source}
              alt={alt}
              title={alt}
              onLoad={({ currentTarget }) => {
                const { naturalWidth: width, naturalHeight: height, classList } = currentTarget;
                classList.toggle('picture-pixels', Math.max(width, height) < mostInPixels);
                classList.toggle('picture-wide', width > widePicture);
              }}
            />
          ))}
        </div>
      )}
      <div class="finding-words">
        <h2 id={`finding-${id}`}>{title}</h2>
        <textarea
          rows={3}
          value={comment}
          aria-label={`what you say of ${title}`}
          placeholder="What do you see in it?"
          onChange={({ currentTarget }) => changeFinding(id, { comment: currentTarget.value })}
        />
        <dl class="facts">
          {facts.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        {(command ?? program) !== undefined && (
          <details class="elsewhere">
            <summary>The same elsewhere</summary>
            <CommandAndProgram command={command} program={program} />
          </details>
        )}
        <div class="buttons">
          <a class="button" href={`#${address}`}>
            Go there
          </a>
          <button
            type="button"
            disabled={place === 0}
            aria-label={`move ${title} up`}
            onClick={() => move(-1)}
          >
            ↑
          </button>
          <button
            type="button"
            disabled={place === count - 1}
            aria-label={`move ${title} down`}
            onClick={() => move(1)}
          >
            ↓
          </button>
          <button
            type="button"
            class="quiet"
            onBlur={() => setSure(false)}
            onClick={() =>
              sure ? keepFindings(pinned.value.filter((each) => each.id !== id)) : setSure(true)
            }
          >
            {sure ? 'Remove it for good' : 'Remove'}
          </button>
          <small>{new Date(date).toLocaleString()}</small>
        </div>
      </div>
    </article>
  );
}
