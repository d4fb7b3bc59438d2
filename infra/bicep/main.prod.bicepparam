using 'main.bicep'

param environmentName = 'prod'
param model = { name: 'gpt-4.1-mini', version: '2025-04-14', capacity: 100 }
param alertEmails = [readEnvironmentVariable('COUNTERSIGN_ALERT_EMAIL')]
param monthlyBudget = 1000
param budgetStart = readEnvironmentVariable('COUNTERSIGN_BUDGET_START')
param checkpointDays = 3650
param traceDays = 90
param maximumInstances = 100
param alwaysReadyInstances = 1
param storageSku = 'Standard_ZRS'
param signInHardware = true
param logName = readEnvironmentVariable('COUNTERSIGN_LOG_NAME')
