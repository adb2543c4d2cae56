import type { LabelRule } from './dataset.ts';
import { AGE_LABELS, GENDER_LABELS } from './lists/adience.ts';
import { type AgeRule, ageClass, describeAgeRule, genderClass } from './lists/ages.ts';

/** Ages, however they are written, as Adience's classes. */
export function adienceAges(rule: AgeRule = {}): LabelRule {
  return {
    classes: AGE_LABELS,
    description: describeAgeRule(rule),
    classOf: (label, where) => ageClass(String(label), where, rule),
  };
}

/** The binary gender annotation, however it is written, as Adience's classes. */
export function adienceGenders(): LabelRule {
  return {
    classes: GENDER_LABELS,
    description: 'male (m, 0) is class 0, female (f, 1) is class 1; unknown is dropped',
    classOf: (label, where) => genderClass(String(label), where),
  };
}
