export * from './calibration.ts';
export * from './confusion.ts';
export * from './folds.ts';
export * from './measures.ts';
export * from './prediction.ts';
export * from './published.ts';
export * from './result.ts';
export { answerLine, type Columns, columnsOf, headerLine, parseAnswers } from './table.ts';
