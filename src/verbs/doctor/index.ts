export { doctor } from './doctor.ts';
export { type DoctorRequest, doctorRequest } from './request.ts';
export type { DoctorEvent, DoctorFinding, DoctorResult, Fix, PreparationFields } from './result.ts';
