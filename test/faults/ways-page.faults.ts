import { everyStep } from '../support/faults/matrix.ts';
import { PAGE_STEPS, WAY_FAULTS } from '../support/faults/ways.ts';

everyStep(WAY_FAULTS, undefined, PAGE_STEPS);
