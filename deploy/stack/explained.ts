/** Every finding of cdk-nag that stands, with its reason. A finding without one fails the test. */
import { type Stack, Validations } from 'aws-cdk-lib'
import type { IConstruct } from 'constructs'

interface Explanation {
  /** The path inside the stack. */
  readonly at: string
  readonly id: string
  readonly reason: string
  /** Only in a stack that has one. */
  readonly where?: 'bridge'
}

const byHand = 'Filled and replaced by the operator (docs/guide/aws.md): nothing could make a new one by itself.'

export const explanations: readonly Explanation[] = [
  {
    at: 'DoorLog',
    id: 'AwsSolutions-S1',
    reason: "This bucket holds the access log of the load balancer; a log of who reads the log is CloudTrail's.",
  },
  {
    at: 'DeliverRole',
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason: 'ses:GetSuppressedDestination and sns:CheckIfPhoneNumberIsOptedOut know no resource; both only ask.',
  },
  {
    at: 'Task/ExecutionRole',
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason: 'ecr:GetAuthorizationToken knows no resource; what may be pulled is named.',
  },
  {
    at: 'Database/Secret',
    id: 'AwsSolutions-SMG4',
    reason:
      'Tasks read it at their start; a password that turned under them would end their help. Turned by hand, with a new deployment.',
  },
  { at: 'Keys', id: 'AwsSolutions-SMG4', reason: `${byHand} amparo keys rotate turns the signing key.` },
  { at: 'Surfaces', id: 'AwsSolutions-SMG4', reason: byHand },
  { at: 'CoreUrl', id: 'AwsSolutions-SMG4', reason: byHand },
  { at: 'DeskClient', id: 'AwsSolutions-SMG4', reason: byHand },
  { at: 'BridgeSecret', id: 'AwsSolutions-SMG4', reason: byHand, where: 'bridge' },
  {
    at: 'Task',
    id: 'AwsSolutions-ECS2',
    reason:
      'What stands in the environment are addresses, names and the table of groups; every secret comes from Secrets Manager.',
  },
  {
    at: 'Door/SecurityGroup',
    id: 'AwsSolutions-EC23',
    reason: 'The users whom agents help come from anywhere; the wall in front limits how often.',
  },
]

export function explain(stack: Stack, bridged: boolean): void {
  for (const { at, id, reason, where } of explanations) {
    if (where === 'bridge' && !bridged) continue
    const construct = at.split('/').reduce((inside: IConstruct, name) => inside.node.findChild(name), stack)
    Validations.of(construct).acknowledge({ id, reason })
  }
}
