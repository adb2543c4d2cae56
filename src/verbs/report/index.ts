export { type ReportResult, report } from './report.ts';
export { type ReportRequest, reportRequest } from './request.ts';
