/** What `cdk synth` and `cdk deploy` run. */
import { App, Validations } from 'aws-cdk-lib'
import { AwsSolutionsChecks } from 'cdk-nag'
import { bundle } from '../functions/bundle.ts'
import { settingsOf } from './settings.ts'
import { amparoStack } from './stack.ts'

await bundle()
const app = new App()
amparoStack(app, settingsOf(app))
Validations.of(app).addPlugins(new AwsSolutionsChecks(app))
app.synth()
