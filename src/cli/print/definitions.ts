import { plural } from '../../common/format.ts';
import type { DefinitionsResult } from '../../verbs/doctor/index.ts';

/** What was found in definitions, a line each, as editors find places. */
export function definitionsText({ folders, files, unnamed, findings }: DefinitionsResult): string {
  const wrong = new Set(findings.map(({ definition }) => definition));
  const found =
    findings.length === 0
      ? 'nothing found'
      : `${plural(findings.length, 'mistake')} in ${[...wrong].sort().join(', ')}`;
  const lines = findings.map(({ where, what }) => `${where}: ${what}\n`);
  const names =
    unnamed.length === 0
      ? ''
      : `note: ${plural(unnamed.length, 'name')} of folders say nothing of their networks, so that only their files are compared: ${unnamed.join(', ')}\n`;
  return `${lines.join('')}${plural(folders, 'definition')}, ${plural(files, 'file')}: ${found}\n${names}`;
}
