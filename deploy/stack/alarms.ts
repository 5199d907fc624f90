/**
 * What an operator is told of: that nobody can be helped, that it will be so soon, or that something fails again and again.
 * Each alarm says in its description what happened; docs/guide/operate.md says what to look at.
 */
import { Duration, type Stack } from 'aws-cdk-lib'
import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import {
  type ApplicationLoadBalancer,
  type ApplicationTargetGroup,
  HttpCodeElb,
  HttpCodeTarget,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2'
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import { FilterPattern, type LogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs'
import type { DatabaseInstance } from 'aws-cdk-lib/aws-rds'
import type { Topic } from 'aws-cdk-lib/aws-sns'

export interface Watched {
  readonly deliver: LambdaFunction
  readonly database: DatabaseInstance
  readonly balancer: ApplicationLoadBalancer
  /** Of each face, and whether anybody is to be behind them yet. */
  readonly targets: Readonly<Record<string, ApplicationTargetGroup>>
  readonly inService: boolean
  /** The server's. */
  readonly logGroup: LogGroup
  /** The triggers that sign in at the users' pool, where there is a bridge; every sign-in of that pool goes through `tokens`. */
  readonly bridge: { readonly tokens: LambdaFunction; readonly verify: LambdaFunction } | undefined
}

const period = Duration.minutes(1)
const gigabyte = 1024 ** 3
/** What PostgreSQL has on this class of instance is some 850; two servers and two that take their place need 150. */
const connectionsTold = 500

export function watch(stack: Stack, topic: Topic, watched: Watched): void {
  const { deliver, database, balancer, targets, inService, logGroup, bridge } = watched
  const alarm = (
    id: string,
    alarmDescription: string,
    metric: IMetric,
    threshold: number,
    more: Partial<Manner> = {},
  ) =>
    new Alarm(stack, `Alarm${id}`, {
      metric,
      threshold,
      alarmDescription,
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
      treatMissingData: more.silence === 'bad' ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
      comparisonOperator: more.below
        ? ComparisonOperator.LESS_THAN_OR_EQUAL_TO_THRESHOLD
        : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    }).addAlarmAction(new SnsAction(topic))
  const sum = { period, statistic: 'Sum' }

  alarm('Broken', 'The server answers 5xx', balancer.metrics.httpCodeTarget(HttpCodeTarget.TARGET_5XX_COUNT, sum), 5)
  alarm(
    'Door',
    'The load balancer answers 5xx by itself: nobody is behind it, or whoever is does not answer',
    balancer.metrics.httpCodeElb(HttpCodeElb.ELB_5XX_COUNT, sum),
    5,
  )
  // A server that is gone for good has no count any more: silence is as bad as none. Each zone counts, also one without
  // a server: somebody lives as long as one of them says so.
  for (const [face, group] of Object.entries(inService ? targets : {}))
    alarm(
      `Nobody-${face}`,
      `No server lives behind the ${face}`,
      group.metrics.healthyHostCount({ period, statistic: 'Maximum' }),
      0,
      {
        below: true,
        silence: 'bad',
      },
    )

  alarm('DatabaseBusy', 'The database is busy', database.metricCPUUtilization({ period }), 80)
  alarm(
    'DatabaseFull',
    'The database has less than 10 GB',
    database.metricFreeStorageSpace({ period }),
    10 * gigabyte,
    {
      below: true,
    },
  )
  alarm(
    'DatabaseCrowded',
    'The database has many connections',
    database.metricDatabaseConnections({ period }),
    connectionsTold,
  )

  const failing = (id: string, what: string, fn: LambdaFunction, errors: number) => {
    alarm(`${id}Fails`, `${what} fails`, fn.metricErrors({ period }), errors)
    alarm(`${id}Throttled`, `${what} is throttled`, fn.metricThrottles({ period }), 1)
  }
  failing('Deliver', 'The function deliver', deliver, 3)
  alarm(
    'DeliverSlow',
    'The function deliver is slower than we wait',
    deliver.metricDuration({ period, statistic: 'p95' }),
    2500,
  )
  if (bridge) {
    failing('Bridge', 'What makes the tokens of all sign-ins of the users’ pool', bridge.tokens, 5)
    failing('BridgeTickets', 'What takes the tickets of the bridge', bridge.verify, 3)
  }
  const errors = new MetricFilter(stack, 'ServerErrors', {
    logGroup,
    metricNamespace: 'Amparo',
    metricName: 'ServerErrors',
    filterPattern: FilterPattern.numberValue('$.level', '>=', 50),
  })
  alarm('Server', 'The server writes errors to its log', errors.metric(sum), 1)
}

interface Manner {
  readonly below: boolean
  /** What it means that nothing is measured: usually that nothing happened. */
  readonly silence: 'bad'
}
