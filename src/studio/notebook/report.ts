import { fail } from '../../common/error.ts';
import { version } from '../../common/version.ts';
import type { PageBlock } from '../../report/page-blocks.ts';
import { reportPage } from '../../report/page-report.ts';
import { NOTEBOOK_FORMAT, type PinnedFinding, takeFindings } from '../state/notebook.ts';

/** Of the element that holds the notebook as data. */
const DATA_ID = 'limn-notebook';

/** A notebook as one page that opens offline, and from which it can be taken in again. */
export function notebookPage(findings: readonly PinnedFinding[]): string {
  return reportPage({
    title: 'Notebook',
    lead: `What was seen in limn studio, ${findings.length === 1 ? 'one finding' : `${findings.length} findings`}. Drop this file into the page to go on with it.`,
    sections: findings.map((finding, i) => ({
      title: finding.title,
      short: `${i + 1}. ${finding.title}`,
      text: finding.comment,
      blocks: blocksOf(finding),
    })),
    footer: `Made by limn ${version}.`,
    data: { id: DATA_ID, value: { format: NOTEBOOK_FORMAT, findings } },
  });
}

/** Whether a PNG is wider than what networks see: a chart, or several pictures. Its width stands at the start of it. */
function isLarge(source: string): boolean {
  const [, text] = /^data:image\/png;base64,([A-Za-z0-9+/]{32})/.exec(source) ?? [];
  if (text === undefined) return false;
  const start = atob(text);
  const width = [16, 17, 18, 19].reduce((sum, at) => 256 * sum + start.charCodeAt(at), 0);
  return width >= largeWidth;
}

const largeWidth = 320;

function blocksOf({ pictures, facts, command, program, date }: PinnedFinding): PageBlock[] {
  return [
    ...(pictures.length > 0
      ? [
          {
            kind: 'pictures' as const,
            pictures: pictures.map((each) => ({ ...each, smooth: isLarge(each.source) })),
          },
        ]
      : []),
    { kind: 'facts', sheets: [{ title: 'In numbers', facts: [...facts, ['pinned', date] as const] }] },
    ...[command, program].flatMap((text) => (text === undefined ? [] : [{ kind: 'code' as const, text }])),
  ];
}

/** The findings of a page that {@link notebookPage} made. Errors name `file`: it is none. */
export function findingsOfPage(html: string, file: string): PinnedFinding[] {
  const text = new RegExp(`<script type="application/json" id="${DATA_ID}">([^<]*)</script>`).exec(html)?.[1];
  if (text === undefined) return fail(file, 'no notebook of limn studio', 'give one that was exported there');
  try {
    return takeFindings(JSON.parse(text), file);
  } catch (error) {
    if (error instanceof SyntaxError) return fail(file, 'damaged: no JSON', 'export the notebook again');
    throw error;
  }
}
