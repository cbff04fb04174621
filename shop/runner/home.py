def running_environment(base_dir):
    return {}
